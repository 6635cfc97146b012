/// `/metrics`, in Prometheus' text format.
enum Metrics {
  static func text(_ viewer: LiveViewer) -> String {
    let (numbers, latest) = (viewer.loop.numbers, viewer.hub.latest)
    let lines: [(name: String, kind: String, help: String, value: Double)] = [
      ("fovea_frames_total", "counter", "Frames that came from the source.", Double(numbers.framesIn)),
      ("fovea_frames_analysed_total", "counter", "Frames that the network saw.", Double(numbers.analysed)),
      ("fovea_frames_dropped_total", "counter", "Frames that the network had no time for.", Double(numbers.dropped)),
      ("fovea_driver_drops_total", "counter", "Frames that the driver dropped.", Double(numbers.driverDrops)),
      ("fovea_reconnects_total", "counter", "How often the source came back.", Double(numbers.reconnects)),
      ("fovea_frames_per_second", "gauge", "Frames per second from the source.", numbers.rateIn),
      ("fovea_watchers", "gauge", "Streams that are being sent.", Double(viewer.hub.watcherCount)),
      ("fovea_no_signal", "gauge", "1 while the source is lost.", latest?.frame.outage == nil ? 0 : 1),
      (
        "fovea_inference_seconds", "gauge", "The network's time for the latest frame.",
        (latest?.times.inference ?? 0) / 1e3
      ),
      ("fovea_latency_p50_seconds", "gauge", "Capture to response, median.", viewer.latencies.quantile(0.5) / 1e3),
      (
        "fovea_latency_p99_seconds", "gauge", "Capture to response, 99th percentile.",
        viewer.latencies.quantile(0.99) / 1e3
      ),
    ]
    return lines.map { "# HELP \($0.name) \($0.help)\n# TYPE \($0.name) \($0.kind)\n\($0.name) \($0.value)\n" }.joined()
  }
}
