"""Artificial neuroscience: experiments that treat trained neural networks as experimental animals."""
