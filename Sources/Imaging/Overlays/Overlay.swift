/// Draws one thing on a picture, in the picture's own samples. One thread at a time; nothing is allocated per frame once
/// texts and buffers have been seen.
package protocol Overlay: AnyObject {
  /// What users call it.
  static var name: String { get }
  /// An overlay that draws on this canvas. `text` is shared with the others.
  init(canvas: Canvas, style: OverlayStyle, areas: OverlayAreas, text: TextSetter)
  /// Draws on the frame that the canvas is turned to and adds the rectangles that it touched; nothing where there is
  /// nothing to show.
  func draw(_ content: OverlayContent, _ covered: inout CoveredAreas)
}

/// The overlays, in the order in which they are drawn.
package enum OverlayTable {
  /// Each kind of overlay.
  package static var all: [any Overlay.Type] {
    [SaliencyOverlay.self, CropFrame.self, TopClassesPanel.self, FeatureMosaic.self, StatusLine.self]
  }
}

/// The rectangles, on the chroma grid, that overlays drew on: nothing else has changed.
package struct CoveredAreas {
  /// In drawing order; they may overlap.
  package private(set) var rects: [Rect] = []
  /// Those with text or pictures inside, which nothing else may cover.
  private var boxes: [Rect] = []

  /// None.
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

/// Colours that stay readable on any footage, over a dark ground.
enum Palette {
  static let ground = Color(0x101418)
  static let groundOpacity: UInt8 = 184
  static let page = Color(0x11151A)
  static let card = Color(0x1D232A)
  static let text = Color(0xFFFFFF)
  static let dim = Color(0xB4BEC8)
  static let accent = Color(0xFFC14D)
  static let bar = Color(0x7FB4D8)
  static let track = Color(0xFFFFFF)
  static let trackOpacity: UInt8 = 36
}

extension Canvas {
  /// The ground of a box: translucent over a picture, opaque beside it.
  func drawGround(_ box: Rect, radius: Int, isFloating: Bool) {
    if isFloating {
      fillRounded(box, radius: radius, Palette.ground, opacity: Palette.groundOpacity)
    } else {
      fillRounded(box, radius: radius, Palette.card)
    }
  }
}

/// Which feature maps a mosaic shows.
package enum ChannelSelection: Hashable, Sendable {
  /// As many as can be seen well, at most this many when given.
  case automatic(limit: Int?)
  /// These, in this order; those that the layer doesn't have are left out.
  case list([Int])
}

/// In which order a mosaic shows maps.
package enum ChannelOrder: String, Sendable, CaseIterable {
  /// By number.
  case index
  /// By the mean magnitude of this frame's activations, the strongest first.
  case strength
}

/// What black and white mean in a mosaic.
package enum Normalization: String, Sendable, CaseIterable {
  /// Each map's own smallest and largest value.
  case channel
  /// The layer's smallest and largest value.
  case layer
}

/// What the user can choose about overlays.
package struct OverlayStyle: Hashable, Sendable {
  /// The most classes in the panel.
  package var topCount = 5
  /// Which feature maps.
  package var channels = ChannelSelection.automatic(limit: nil)
  /// In which order.
  package var order = ChannelOrder.index
  /// What black and white mean.
  package var normalization = Normalization.channel
  /// The colours of feature maps.
  package var colormap = Colormap.viridis
  /// How heat maps look.
  package var heat = HeatStyle()

  /// The defaults.
  package init() {}
}
