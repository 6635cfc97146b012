import Pipeline

extension LiveViewer {
  /// What `/metrics` tells of this source.
  package var metrics: [MetricFamily] {
    let (numbers, latest) = (loop.numbers, board.latest)
    let frames = numbers.frames
    var skipped = Dictionary(uniqueKeysWithValues: FrameLedger.Skip.allCases.map { ($0.rawValue, 0.0) })
    for (reason, count) in frames.skipped { skipped[reason.rawValue] = Double(count) }
    return [
      MetricFamily("fovea_frames_total", .counter, "Frames that came from the source.", Double(frames.captured)),
      MetricFamily("fovea_frames_analysed_total", .counter, "Frames that the network saw.", Double(frames.analysed)),
      MetricFamily(
        "fovea_frames_skipped_total", .counter, "Frames that the network did not need to see, by reason.", by: "reason",
        skipped),
      MetricFamily(
        "fovea_dropped_frames_total", .counter,
        "Frames lost before the program, the network, the streams and the recordings.", by: "stage",
        drops.mapValues(Double.init)),
      MetricFamily("fovea_reconnects_total", .counter, "How often the source came back.", Double(numbers.reconnects)),
      MetricFamily(
        "fovea_damaged_packets_total", .counter, "Packets of the source that could not be decoded.",
        Double(numbers.damagedPackets)),
      MetricFamily("fovea_frames_per_second", .gauge, "Frames per second from the source.", numbers.rateIn),
      MetricFamily("fovea_watchers", .gauge, "Streams that are being sent.", Double(board.watcherCount)),
      MetricFamily(
        "fovea_queue_frames", .gauge, "Frames that wait for the network or are in it.", Double(max(0, frames.pending))),
      MetricFamily("fovea_no_signal", .gauge, "1 while the source is lost.", numbers.outage == nil ? 0 : 1),
      MetricFamily(
        "fovea_inference_seconds", .gauge, "The network's time for the latest frame.", latest?.spans[.inference] ?? 0),
      MetricFamily(
        "fovea_latency_p50_seconds", .gauge, "Capture to response, median.", latencies.quantile(0.5) / 1e3),
      MetricFamily(
        "fovea_latency_p99_seconds", .gauge, "Capture to response, 99th percentile.", latencies.quantile(0.99) / 1e3),
      loop.spans.family,
    ]
  }
}

extension SpanMeters {
  /// The histograms of all stages.
  var family: MetricFamily {
    var family = MetricFamily("fovea_stage_seconds", .histogram, "What each stage of a frame's way took.", [])
    for (span, histogram) in histograms { family.add(histogram, labels: [("stage", span.rawValue)]) }
    return family
  }
}
