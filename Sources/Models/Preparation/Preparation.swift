import Foundation
import Inference
import ONNX
import Telemetry
import Tensors

/// What is known of how a network's pictures are prepared, from who exported it or from files beside it; nil where nothing is.
struct Preparation {
  let origin: Origin
  /// Who prepares pictures so, for people.
  let name: String
  var size: (height: Int, width: Int)?
  var fit: Fit?
  var resizeTo: Int?
  var interpolation: Interpolation?
  var color: ColorOrder?
  var scale: Float?
  var mean: [Float]?
  var std: [Float]?
  var labels: [String]?

  init(_ origin: Origin, _ name: String) { (self.origin, self.name) = (origin, name) }

  /// Values as they are in the picture's bytes, or some scale of them.
  mutating func takeBytes(times factor: Float = 1) { (scale, mean, std) = (factor, [0], [1]) }

  /// All that is found, what counts first first.
  static func all(of model: ImportedModel, at path: String, input: PictureInput) -> [Preparation] {
    let folder = path.folder
    return [
      huggingFace(beside: folder), ultralytics(model.metadata), windowsML(model.metadata, folder),
      teachableMachine(model.graph, folder), network(model.graph),
    ].compactMap { $0 }
  }

  /// The text of a small file beside the model; nil where there is none.
  static func text(_ name: String, in folder: String) -> String? {
    let path = folder.appending(name: name)
    guard
      let status = Files.status(path), status.st_size <= 1 << 24, let data = Files.contents(path)
    else { return nil }
    return String(data: data, encoding: .utf8)
  }
}
