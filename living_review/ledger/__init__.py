"""The review's memory: append-only tables, one repository class a subject, SQLite or PostgreSQL.

Rows are added and never changed; the database itself refuses updates and deletions. What holds now is read from
the latest rows.
"""
