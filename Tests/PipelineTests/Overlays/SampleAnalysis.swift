import Explanations
import Frames
import Imaging
import Tensors

@testable import Pipeline

/// What a network might have said about a picture: five classes, feature maps of layers, no explanation.
func sampleAnalysis(
  title: String = "conv1/relu_1", mosaics: Int = 2, crop: Rect = Rect(x: 0, y: 0, width: 1 << 16, height: 1 << 16)
) -> Analysis {
  let analysis = Analysis(network: NetworkFacts(name: "Sample", scoresAreProbabilities: true))
  analysis.crop = crop
  let classes: [(String, Float)] = [
    ("macaw", 0.874), ("sulphur-crested cockatoo, Cacatua galerita", 0.061), ("lorikeet", 0.02), ("مرحبا", 0.002),
    ("jay", 0),
  ]
  analysis.top = classes.enumerated().map { ClassScore(label: $1.0, index: $0, confidence: $1.1) }
  let values = (0..<48 * 14 * 14).map { i in
    let (channel, y, x) = (i / 196, i / 14 % 14, i % 14)
    return Float(max(0, (x * (channel % 5 + 1) + y * (channel % 7)) % 29 - 9))
  }
  analysis.layers = (0..<mosaics).map { i in
    i == 1 ? layer(title, [1, 196, 1, 1], values) : layer(title, [1, 48, 14, 14], values)
  }
  return analysis
}

/// A layer with these values, measured as the analyst does.
func layer(_ name: String, _ shape: Shape, _ values: [Float]) -> LayerValues {
  let extent = SpatialExtent(shape)
  let layer = LayerValues(name: name, LayerLayout(planar: extent))
  let cells = extent.height * extent.width
  values.withUnsafeBufferPointer { values in
    guard let base = values.baseAddress else { return }
    for channel in 0..<extent.channels {
      layer.statistics[channel].measure(
        base + channel * cells, after: nil, into: layer.values.start + channel * cells, cells)
    }
  }
  return layer
}

/// All overlays, as a user may ask for them.
func allOverlays() -> OverlayStyle {
  var style = OverlayStyle()
  style.overlays = Set(OverlayTable.names)
  return style
}
