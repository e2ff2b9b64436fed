"""One module a step: read the ledger, call the pure function, write in one transaction, account for every record.

A step is the same whether a flow, the command line or the desk asks for it. Running one twice changes nothing the
second time.
"""
