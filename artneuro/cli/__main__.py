"""``python -m artneuro.cli``: the command line where the entry point is not on the path."""

from artneuro.cli import main

main()
