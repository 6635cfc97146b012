import Foundation
import Inference
import ONNX
import Tensors

extension Preparation {
  /// Ultralytics (YOLO classification): the shorter side to `imgsz`, the centre cut without a margin, x / 255 and nothing else
  /// (ultralytics/data/augment.py, classify_transforms, with its mean 0 and deviation 1). Other than square inputs are squashed.
  static func ultralytics(_ metadata: ModelMetadata) -> Preparation? {
    guard metadata.properties["author"] == "Ultralytics" else { return nil }
    var found = Preparation(.exporter, "Ultralytics")
    found.takeBytes(times: 1 / 255)
    let size = metadata.properties["imgsz"].flatMap(MetadataSettings.numbers)?.suffix(2)
    if let size, let first = size.first, let last = size.last, first != last {
      found.fit = .squash
    } else {
      (found.fit, found.resizeTo) = (.crop, size?.last.flatMap { (1...16384).contains($0) ? Int($0) : nil })
    }
    return found
  }

  /// The metadata that ONNX defines for pictures (onnx/docs/MetadataProps.md), which Azure Custom Vision and WinMLTools write.
  static func windowsML(_ metadata: ModelMetadata, _ folder: String) -> Preparation? {
    let format = metadata.properties["Image.BitmapPixelFormat"]
    let range = metadata.properties["Image.NominalPixelRange"]
    guard format != nil || range != nil else { return nil }
    var found = Preparation(.metadata, "Windows ML")
    switch format?.lowercased() {
    case "bgr8", "bgra8": found.color = .bgr
    case "rgb8", "rgba8": found.color = .rgb
    case "gray8": found.color = .gray
    default: break
    }
    switch range?.lowercased() {
    case "normalized_0_1": found.takeBytes(times: 1 / 255)
    case "normalized_1_1": (found.scale, found.mean, found.std) = (1 / 255, [0.5], [0.5])
    default: found.takeBytes()
    }
    found.labels = text("labels.txt", in: folder).map(Labels.parse)
    return found
  }

  /// Teachable Machine's Keras models, converted: x / 127.5 - 1, the centre of the picture (its export page's sample code), and the
  /// names in labels.txt.
  static func teachableMachine(_ graph: Graph, _ folder: String) -> Preparation? {
    guard let input = graph.inputs.first, graph.values[input.value].name.contains(/^sequential_\d+_input/),
      let lines = text("labels.txt", in: folder),
      let names = LabelList.names(inNumberedLines: lines.split(whereSeparator: \.isNewline).map(String.init))
    else { return nil }
    var found = Preparation(.exporter, "Teachable Machine")
    (found.scale, found.mean, found.std) = (1 / 255, [0.5], [0.5])
    (found.fit, found.resizeTo, found.labels) = (.crop, 224, names)
    return found
  }
}
