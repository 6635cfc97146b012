import Frames
import Imaging

/// Draws one thing on a picture, in the picture's own samples. One thread at a time; nothing is allocated per frame once
/// texts and buffers have been seen.
package protocol Overlay: AnyObject {
  /// What users call it.
  static var name: String { get }
  /// The switch of `annotate` that adds it, without dashes, and its line of help; nil where another option brings it.
  static var option: (name: String, help: String)? { get }
  /// It writes words or numbers.
  static var hasText: Bool { get }
  /// An overlay that draws on this canvas. `text` is shared with the others.
  init(canvas: Canvas, style: OverlayStyle, areas: OverlayAreas, text: TextSetter)
  /// False where the picture is too small for it. Known for certain once a frame was drawn.
  var hasRoom: Bool { get }
  /// Draws on the frame that the canvas is turned to and adds the rectangles that it touched; where there is nothing to show it
  /// does neither.
  func draw(_ shown: ShownFrame, _ covered: inout CoveredAreas)
}

extension Overlay {
  package static var option: (name: String, help: String)? { nil }
  package static var hasText: Bool { true }
  package var hasRoom: Bool { true }
}

/// The overlays, in the order in which they are drawn.
package enum OverlayTable {
  package static var all: [any Overlay.Type] {
    [SaliencyOverlay.self, CropFrame.self, TopClassesPanel.self, FeatureMosaic.self, StatusLine.self]
  }
}

extension OverlayTable {
  /// What users call them, in order.
  package static var names: [String] { all.map { $0.name } }
}

/// The rectangles, on the chroma grid, that overlays drew on: nothing else has changed.
package struct CoveredAreas {
  /// In drawing order; they may overlap.
  package private(set) var rects: [Rect] = []
  /// The rectangles with text or pictures inside, which no other box may cover.
  private(set) var boxes: [Rect] = []

  package init() {
    rects.reserveCapacity(64)
    boxes.reserveCapacity(64)
  }

  /// Forgets all, keeping the memory.
  mutating func removeAll() {
    rects.removeAll(keepingCapacity: true)
    boxes.removeAll(keepingCapacity: true)
  }

  /// A line or a frame: a box may come to lie over it.
  mutating func add(_ rect: Rect) {
    if !rect.isEmpty { rects.append(rect) }
  }

  /// Claims the place for text or pictures; false when another box is there already.
  mutating func claim(_ box: Rect) -> Bool {
    guard !box.isEmpty, !boxes.contains(where: { !$0.intersection(box).isEmpty }) else { return false }
    boxes.append(box)
    rects.append(box)
    return true
  }
}

/// What the user can choose about overlays.
package struct OverlayStyle: Hashable, Sendable {
  /// Names of the overlays that are drawn.
  package var overlays: Set<String> = [SaliencyOverlay.name, TopClassesPanel.name, FeatureMosaic.name]
  /// The most classes in the panel.
  package var topCount = Wishes.standardTop
  package var channels = ChannelSelection.automatic(limit: nil)
  package var order = ChannelOrder.index
  package var normalization = Normalization.channel
  package var colormap = Colormap.viridis
  package var heat = HeatStyle()

  package init() {}
}

/// A frame with what the network made of it, as overlays draw it.
package struct ShownFrame {
  /// The picture, as the source gave it.
  package let frame: Frame
  /// What is known of it, or of the latest frame that was analysed.
  package let analysis: Analysis
  /// The one that is drawn; nil draws none.
  package let explanation: Explanation?
  private let scale: (x: Double, y: Double)

  /// - Parameter scale: from the frame's pixels to those that are drawn on.
  package init(
    _ frame: Frame, _ analysis: Analysis, _ explanation: Explanation?, scale: (x: Double, y: Double) = (1, 1)
  ) {
    (self.frame, self.analysis, self.explanation, self.scale) = (frame, analysis, explanation, scale)
  }

  /// Where the network's input lies on what is drawn on.
  var placement: InputPlacement { analysis.placement.scaled(scale.x, scale.y) }

  /// The part that the network saw.
  var crop: Rect { analysis.crop.scaled(scale.x, scale.y) }
}
