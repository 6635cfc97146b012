import Pipeline

/// `/metrics`, in Prometheus' text format.
enum Metrics {
  static func text(_ viewer: LiveViewer) -> String {
    let (numbers, latest) = (viewer.loop.numbers, viewer.board.latest)
    let lines: [(name: String, kind: String, help: String, value: Double)] = [
      ("fovea_frames_total", "counter", "Frames that came from the source.", Double(numbers.frames.captured)),
      ("fovea_frames_analysed_total", "counter", "Frames that the network saw.", Double(numbers.frames.analysed)),
      ("fovea_reconnects_total", "counter", "How often the source came back.", Double(numbers.reconnects)),
      ("fovea_frames_per_second", "gauge", "Frames per second from the source.", numbers.rateIn),
      ("fovea_watchers", "gauge", "Streams that are being sent.", Double(viewer.board.watcherCount)),
      ("fovea_no_signal", "gauge", "1 while the source is lost.", numbers.outage == nil ? 0 : 1),
      (
        "fovea_inference_seconds", "gauge", "The network's time for the latest frame.",
        latest?.spans[.inference] ?? 0
      ),
      ("fovea_latency_p50_seconds", "gauge", "Capture to response, median.", viewer.latencies.quantile(0.5) / 1e3),
      (
        "fovea_latency_p99_seconds", "gauge", "Capture to response, 99th percentile.",
        viewer.latencies.quantile(0.99) / 1e3
      ),
    ]
    return lines.map { head($0.name, $0.kind, $0.help) + "\($0.name) \($0.value)\n" }.joined() + drops(viewer)
      + spans(viewer.loop.spans)
  }

  private static func drops(_ viewer: LiveViewer) -> String {
    let name = "fovea_dropped_frames_total"
    return head(name, "counter", "Frames lost before the program, the network, the streams and the recordings.")
      + viewer.drops.sorted { $0.key < $1.key }.map { "\(name){stage=\"\($0.key)\"} \($0.value)\n" }.joined()
  }

  private static func spans(_ meters: SpanMeters) -> String {
    let name = "fovea_stage_seconds"
    let values = [0.5, 0.99].map { (share: $0, all: meters.quantile($0)) }
    return head(name, "gauge", "What each stage of a frame's way took, quantiles of the last thousand.")
      + Span.live.flatMap { span in
        values.map { share, all in
          "\(name){stage=\"\(span.rawValue)\",quantile=\"\(share)\"} \((all[span.rawValue] ?? 0) / 1e3)\n"
        }
      }.joined()
  }

  private static func head(_ name: String, _ kind: String, _ help: String) -> String {
    "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
  }
}
