import Frames
import Inference
import Output
import Pipeline
import Settings
import Tensors

/// Data of the analyses that `annotate` writes to a file beside the video.
protocol DataReport: AnalysisSink {
  /// The option that names the file.
  static var option: Option<String?> { get }
  /// It writes the layers that were chosen, so that some must be.
  static var needsLayers: Bool { get }
  /// Makes the file, under a name for unfinished files.
  /// - Parameter layers: those that were chosen.
  init(_ path: String, layers: [LayerSummary], options: SinkOptions) throws
}

extension DataReport {
  static var needsLayers: Bool { false }
}

/// The data files, in the order of the help.
enum DataReportTable {
  static var all: [any DataReport.Type] { [JSONReport.self, ActivationReport.self] }
}

/// `--json`: one JSON object per frame.
final class JSONReport: DataReport {
  static let option = Option(
    "json", .file, section: "Data", "write one JSON object per frame to FILE, or - for standard output")
  private let sink: JSONLinesSink

  init(_ path: String, layers: [LayerSummary], options: SinkOptions) throws {
    sink = try JSONLinesSink(path, overwrite: options.overwrite, keeping: options.keeping)
  }

  func write(_ report: FrameReport, _ analysis: Analysis) throws { try sink.write(report) }
  func finish(_ ending: Ending) throws { try sink.finish(ending) }
  func salvage() -> String? { sink.salvage() }
  func abort() { sink.abort() }
}

/// `--activations`: the layers of every analysed frame.
final class ActivationReport: DataReport {
  static let option = Option(
    "activations", .file, section: "Data", "write the layers' values to FILE.npz (NumPy)")
  static let needsLayers = true
  private let sink: ActivationsSink

  init(_ path: String, layers: [LayerSummary], options: SinkOptions) throws {
    sink = try ActivationsSink(
      path, layers: layers.map { (name: $0.value, shape: $0.outputShape) }, overwrite: options.overwrite,
      keeping: options.keeping)
  }

  func write(_ report: FrameReport, _ analysis: Analysis) throws {
    guard report.analysed else { return }
    let layers = analysis.layers.map(\.inModelOrder)
    try sink.write(frame: report.frame, pts: report.pts, layers.map(\.view))
  }

  func finish(_ ending: Ending) throws { try sink.finish(ending) }
  func salvage() -> String? { sink.salvage() }
  func abort() { sink.abort() }
}
