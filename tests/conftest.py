"""What holds for every test: properties have no deadline, and look at as many cases as was asked for."""

from hypothesis import settings

from tests.profile import examples

settings.register_profile("ours", examples(100))
settings.load_profile("ours")
