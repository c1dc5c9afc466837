"""A virtual token: device models and the engines that run the firmware against them."""
