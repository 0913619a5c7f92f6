"""The commands of `spot`, each a function whose annotations are its command line.

What a command does is imported when it is called, so that none waits for what another needs.
"""
