"""`spot check --machine`: whether this computer keeps time, records safely, and hears keys and mouse.

What is found is a `Finding` with a verdict; `bounds` says from where on something is good, fair or bad, and
why. The window stays behind the booth's ports.
"""
