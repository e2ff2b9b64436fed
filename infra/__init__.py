"""What Living Review runs on: services for one machine in ``local``, and the files that deploy it elsewhere."""
