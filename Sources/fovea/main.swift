import Telemetry

Log.info("nothing here yet")
