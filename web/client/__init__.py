"""The browser client: the GraphiQL playground, built by `python -m web.client.build`."""
