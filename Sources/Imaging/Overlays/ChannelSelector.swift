import CKernels

extension ChannelSelection {
  var isAutomatic: Bool {
    if case .automatic(nil) = self { return true }
    return false
  }
}

/// Chooses which feature maps to show and what their values' range is. Keeps its buffers from frame to frame.
struct ChannelSelector {
  private let style: OverlayStyle
  /// The chosen channels, in order.
  private(set) var selected: [Int] = []
  private var ranges: [(low: Float, high: Float, magnitude: Float)] = []
  private var layer: (low: Float, high: Float) = (0, 0)
  private var shapes: [Shape: String] = [:]

  private struct Shape: Hashable {
    let channels: Int
    let height: Int
    let width: Int
  }

  init(_ style: OverlayStyle) { self.style = style }

  /// How many maps the user wants to see, at most.
  func count(of maps: OverlayContent.FeatureMaps) -> Int {
    switch style.channels {
    case .automatic(let limit): min(maps.channels, max(1, limit ?? (maps.width * maps.height == 1 ? 1024 : 64)))
    case .list(let list): list.count { (0..<maps.channels).contains($0) }
    }
  }

  /// Chooses the first `count` maps of the order and measures them.
  mutating func select(_ maps: OverlayContent.FeatureMaps, _ count: Int) {
    selected.removeAll(keepingCapacity: true)
    switch style.channels {
    case .automatic:
      for channel in 0..<maps.channels { selected.append(channel) }
    case .list(let list):
      for channel in list where (0..<maps.channels).contains(channel) { selected.append(channel) }
    }
    let needsAll = style.order == .strength || style.normalization == .layer
    measure(maps, needsAll ? maps.channels : count)
    if style.order == .strength {
      let strengths = ranges
      // Ties by number, so that the picture stands still.
      selected.sort { (strengths[$0].magnitude, $1) > (strengths[$1].magnitude, $0) }
    }
    if selected.count > count { selected.removeLast(selected.count - count) }
  }

  private mutating func measure(_ maps: OverlayContent.FeatureMaps, _ count: Int) {
    if ranges.count < maps.channels { ranges = .init(repeating: (0, 0, 0), count: maps.channels) }
    let cells = maps.width * maps.height
    // One cell has no contrast of its own: a fully connected layer is always seen as a whole.
    let whole = style.normalization == .layer || cells == 1
    layer = (.infinity, -.infinity)
    for i in 0..<(whole || style.order == .strength ? maps.channels : min(count, selected.count)) {
      let channel = whole || style.order == .strength ? i : selected[i]
      var range: (low: Float, high: Float, magnitude: Float) = (0, 0, 0)
      fovea_image_range(maps.values + channel * cells, cells, &range.low, &range.high, &range.magnitude)
      ranges[channel] = range
      layer = (min(layer.low, ranges[channel].low), max(layer.high, ranges[channel].high))
    }
    guard whole else { return }
    for i in 0..<maps.channels { (ranges[i].low, ranges[i].high) = layer }
  }

  /// The values that are drawn darkest and brightest.
  func range(_ channel: Int) -> (low: Float, high: Float) { (ranges[channel].low, ranges[channel].high) }

  /// As in `64 × 56 × 56`.
  mutating func shape(_ maps: OverlayContent.FeatureMaps) -> String {
    let key = Shape(channels: maps.channels, height: maps.height, width: maps.width)
    if let text = shapes[key] { return text }
    let text =
      maps.width * maps.height == 1 ? "\(maps.channels)" : "\(maps.channels) × \(maps.height) × \(maps.width)"
    if shapes.count > 64 { shapes.removeAll() }
    shapes[key] = text
    return text
  }
}
