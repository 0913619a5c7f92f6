"""What every test stands on."""

from hypothesis import settings

# A loaded machine is not a fault: how long an example takes is the benchmarks' business.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")
