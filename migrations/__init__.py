"""The one linear history that changes the database."""
