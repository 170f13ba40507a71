"""The composition root: transports, command line, gateway and worker processes, settings."""
