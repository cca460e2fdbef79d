"""The command line: what a shell can ask of innerspace. It computes nothing that the package does not."""
