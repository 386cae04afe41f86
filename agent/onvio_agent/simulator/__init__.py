"""A complete stand-in for ONVIO, for the demo, the tests and the simulation.

Why: no sandbox of the real platform is known to be alive, so everything is proven against this one.
`model.Cloud` is pure and synchronous; `serve` puts it behind HTTPS; a simulation calls it directly.
It must not import anything of the project but `contract`, and the agent must never import it.
"""
