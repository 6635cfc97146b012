import Frames
import Inference
import Models
import Output
import Pipeline
import Tensors

/// `--json`: one JSON object per frame.
final class JSONReport: AnalysisSink {
  private let sink: JSONLinesSink

  init(_ path: String, source: any FrameSource, model: Model, options: SinkOptions) throws {
    let format = source.format
    sink = try JSONLinesSink(
      path, source: source.info.name, width: format.width, height: format.height, model: model.name,
      overwrite: options.overwrite, keeping: options.keeping)
  }

  func write(_ report: FrameReport, taps: [TensorView]) throws { try sink.write(report) }
  func finish() throws { try sink.finish() }
  func abort() { sink.abort() }
}

/// `--activations`: the tapped layers of every analysed frame.
final class ActivationReport: AnalysisSink {
  private let sink: ActivationsSink

  init(_ path: String, layers: [LayerSummary], options: SinkOptions) throws {
    sink = try ActivationsSink(
      path, layers: layers.map { (name: $0.value, shape: $0.outputShape) }, overwrite: options.overwrite,
      keeping: options.keeping)
  }

  func write(_ report: FrameReport, taps: [TensorView]) throws {
    guard report.analysed else { return }
    try sink.write(frame: report.frame, pts: report.pts, taps)
  }

  func finish() throws { try sink.finish() }
  func abort() { sink.abort() }
}
