import Imaging
import Pipeline

/// What one viewer wants to see: the query of its request.
package struct WatchSettings: Sendable, Hashable {
  /// The value whose maps are shown; nil for none.
  var layer: String?
  var order = ChannelOrder.index
  var normalization = Normalization.channel
  var gain = 1.0
  var colormap = Colormap.viridis
  /// The most maps shown, and how wide their sheet is in pixels.
  var tiles = 64
  var mosaicWidth = 768
  /// The channel that is inspected.
  var unit: Int?
  /// The method that explains that channel, live.
  var unitMethod: String?
  /// What explains the frame; nil for nothing.
  var saliency: ExplanationWish?
  var heat = HeatStyle()
  /// Names of the overlays that are drawn on the picture.
  var overlays: Set<String> = [SaliencyOverlay.name]
  /// The picture's width in pixels, at most.
  var width = 960
  /// A class that is told on every frame.
  var pin: Int?
  /// How many classes are told.
  var top = Wishes.standardTop
  /// The statistics of all layers are told too.
  var health = false
  /// The survey of all layers is wanted.
  var survey = true
  /// The patches that excited the units of the layer most are collected.
  var collectsPatches = true
  /// The network's input is kept too.
  var input = false

  /// An explanation that frames do not wait for.
  static func explanation(_ method: String, of target: String, layer: String? = nil) -> ExplanationWish {
    var wish = ExplanationWish.video(method: method, target: target, layers: layer.map { [$0] } ?? [])
    wish.pace = .beside
    return wish
  }

  var unitWish: ExplanationWish? {
    guard let layer, let unit, let unitMethod else { return nil }
    return Self.explanation(unitMethod, of: "unit:\(layer):\(unit)")
  }

  var wishes: Wishes {
    var wishes = LiveLoop.noWishes
    (wishes.layers, wishes.collectsPatches) = (layer.map { [$0] } ?? [], layer != nil && collectsPatches)
    wishes.explanations = [saliency, unitWish].compactMap { $0 }
    (wishes.survey, wishes.input) = (survey, input)
    return wishes
  }

  var overlayStyle: OverlayStyle {
    var style = OverlayStyle()
    (style.overlays, style.topCount, style.heat) = (overlays, top, heat)
    (style.order, style.normalization, style.colormap) = (order, normalization, colormap)
    return style
  }

  /// The same for viewers that get nothing but the picture.
  var pictureOnly: WatchSettings {
    var settings = self
    (settings.unit, settings.unitMethod, settings.survey, settings.health) = (nil, nil, false, false)
    if !overlays.contains(FeatureMosaic.name) { settings.layer = nil }
    if !overlays.contains(SaliencyOverlay.name) { settings.saliency = nil }
    return settings
  }
}
