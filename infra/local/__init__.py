"""Services on this machine's loopback, for the demo and for tests: an object store, a PubMed, made-up records.

Everything here binds 127.0.0.1 only, keeps its files in the folder it is given and stops only what it started.
"""
