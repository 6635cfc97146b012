import Foundation
import Frames
import Imaging
import Models
import Tensors

/// What the annotation shows, beyond how overlays look.
package struct AnnotationContent: Sendable {
  /// Names of the tapped layers, in the order of the taps.
  package var layerTitles: [String] = []
  /// Show the top classes.
  package var showsClasses = true
  /// Mark the part of the picture that the network sees.
  package var showsCrop = false
  /// Show a line with time, frame, model and milliseconds.
  package var showsStatus = false

  /// The top classes only.
  package init() {}
}

/// Draws the top classes, feature maps, crop and status with `Imaging`'s composer.
package final class OverlayPainter: FramePainter {
  private let composer: Composer
  private let content = OverlayContent()
  private let model: Model
  private let wanted: AnnotationContent
  private let placement: InputPlacement

  /// A painter for frames of this format. Throws for pixel formats that cannot be drawn on.
  package init(
    format: FrameFormat, model: Model, layout: Layout, style: OverlayStyle, content wanted: AnnotationContent
  ) throws {
    composer = try Composer(input: format, layout: layout, style: style)
    (self.model, self.wanted) = (model, wanted)
    let preprocessor = try Preprocessor(format: format, transform: model.transform)
    placement = preprocessor.placement
    if wanted.showsCrop { content.crop = preprocessor.crop }
    content.scoresAreProbabilities = model.scoresAreProbabilities
  }

  /// Names of the layers that the picture has no room for.
  package var layersLeftOut: [String] {
    Array(wanted.layerTitles.dropFirst(composer.mosaicsShown(of: wanted.layerTitles.count)))
  }

  /// The picture's format, larger when the annotation stands beside the picture.
  package var outputFormat: FrameFormat { composer.outputFormat }

  /// Copies the picture and draws what the network said.
  package func paint(_ frame: Frame, _ analysis: Analysis, onto canvas: Frame) {
    if wanted.showsClasses { fillClasses(analysis) }
    fillMosaics(analysis)
    fillHeat(analysis)
    if wanted.showsStatus { content.status = status(frame, analysis) }
    composer.compose(source: frame, into: canvas, content: content)
  }

  private func fillClasses(_ analysis: Analysis) {
    for (index, score) in analysis.top.enumerated() {
      let line = OverlayContent.Score(label: score.label, value: score.confidence)
      if index < content.top.count { content.top[index] = line } else { content.top.append(line) }
    }
  }

  private func fillHeat(_ analysis: Analysis) {
    guard let result = analysis.saliency, let values = result.values.floats.baseAddress else { return }
    content.heat = HeatMap(
      height: result.height, width: result.width, values: UnsafePointer(values), placement: placement, peak: result.peak
    )
  }

  private func fillMosaics(_ analysis: Analysis) {
    for (index, tap) in analysis.taps.enumerated() {
      let shape = tap.shape
      let spatial = shape.rank == 4
      let maps = OverlayContent.FeatureMaps(
        title: wanted.layerTitles[index], channels: spatial ? shape[1] : shape.count, height: spatial ? shape[2] : 1,
        width: spatial ? shape[3] : 1, values: UnsafePointer(tap.floats.baseAddress!))
      if index < content.mosaics.count { content.mosaics[index] = maps } else { content.mosaics.append(maps) }
    }
  }

  private func status(_ frame: Frame, _ analysis: Analysis) -> String {
    let time = frame.seconds.map { String(format: "%.2f s", $0) } ?? "–"
    let cost = String(format: "%.1f ms", (analysis.preprocessSeconds + analysis.inferenceSeconds) * 1000)
    return "\(time)   frame \(frame.sequence)   \(model.name)   \(cost)"
  }
}
