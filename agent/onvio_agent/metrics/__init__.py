"""What a monitoring system reads: the state and the agent's counters, in Prometheus' text format.

Numbers are made from what the hub publishes, as every face is; nothing here decides or asks anybody.
"""
