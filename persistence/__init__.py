"""Everything outside: tables, mappings, repositories, readable views, journal, files, policy."""
