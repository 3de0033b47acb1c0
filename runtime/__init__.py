"""What every process runs on: the broker link, configuration, clocks, logs, supervision. The only place that imports paho."""
