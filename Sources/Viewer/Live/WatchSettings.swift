import Imaging

/// In which order a viewer's feature maps come.
enum MapOrder: String, Sendable, CaseIterable {
  /// By number.
  case index
  /// By mean magnitude, the strongest first.
  case strength
  /// By how much they changed lately.
  case change
}

/// What one viewer wants to see: the query of its request.
package struct WatchSettings: Sendable, Hashable {
  /// The value whose maps are shown; nil for none.
  var layer: String?
  var order = MapOrder.index
  var normalization = Normalization.channel
  var gain = 1.0
  var colormap = Colormap.viridis
  /// The most maps shown, and how wide their sheet is in pixels.
  var tiles = 64
  var mosaicWidth = 768
  /// The channel that is inspected.
  var unit: Int?
  /// The method that explains it, live.
  var unitMethod: String?
  /// What explains the frame; nil for nothing.
  var saliency: SaliencyWish?
  var heat = HeatStyle()
  /// The picture's width in pixels, at most.
  var width = 960
  /// A class that is told on every frame.
  var pin: Int?
  /// How many classes are told.
  var top = OverlayStyle().topCount
  /// The statistics of all layers are told too.
  var health = false
  /// It is told about all layers at all.
  var survey = true

  /// The explanation of the inspected unit.
  var unitWish: SaliencyWish? {
    guard let layer, let unit, let unitMethod else { return nil }
    return SaliencyWish(method: unitMethod, target: "unit:\(layer):\(unit)", layer: nil)
  }
}

/// One explanation: which method explains what, looking at which layer.
package struct SaliencyWish: Sendable, Hashable {
  /// The method's name.
  var method: String
  /// The user's words.
  var target: String
  /// The value that the method looks at; nil for the automatic choice.
  var layer: String?
}
