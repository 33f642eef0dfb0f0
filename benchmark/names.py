"""What a system or a submission may be called: the name is a folder, a word of a command and part of a record."""

NAME = r"^[a-z0-9][a-z0-9-]*$"
