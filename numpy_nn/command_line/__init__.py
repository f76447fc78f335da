"""The command line of both wings: what is asked for, what is read, and what is printed; the networks are the wing's."""
