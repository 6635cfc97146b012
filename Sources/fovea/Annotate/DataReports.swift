import Inference
import Output
import Pipeline
import Tensors

/// `--json`: one JSON object per frame.
final class JSONReport: AnalysisSink {
  private let sink: JSONLinesSink

  init(_ path: String, options: SinkOptions) throws {
    sink = try JSONLinesSink(path, overwrite: options.overwrite, keeping: options.keeping)
  }

  func write(_ report: FrameReport, _ analysis: Analysis) throws { try sink.write(report) }
  func finish() throws { try sink.finish() }
  func abort() { sink.abort() }
}

/// `--activations`: the layers of every analysed frame.
final class ActivationReport: AnalysisSink {
  private let sink: ActivationsSink

  init(_ path: String, layers: [LayerSummary], options: SinkOptions) throws {
    sink = try ActivationsSink(
      path, layers: layers.map { (name: $0.value, shape: $0.outputShape) }, overwrite: options.overwrite,
      keeping: options.keeping)
  }

  func write(_ report: FrameReport, _ analysis: Analysis) throws {
    guard report.analysed else { return }
    try sink.write(frame: report.frame, pts: report.pts, analysis.layers.map(\.values.view))
  }

  func finish() throws { try sink.finish() }
  func abort() { sink.abort() }
}
