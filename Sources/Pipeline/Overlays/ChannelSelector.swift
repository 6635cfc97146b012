/// Which feature maps a mosaic shows.
package enum ChannelSelection: Hashable, Sendable {
  /// As many as can be seen well, at most this many when given.
  case automatic(limit: Int?)
  /// These, in this order; those that the layer does not have are left out.
  case list([Int])
}

/// In which order a mosaic shows maps.
package enum ChannelOrder: String, Sendable, CaseIterable {
  case index
  /// By mean magnitude lately, the strongest first.
  case strength
  /// By how much they changed lately.
  case change
}

/// What the ends of the colormap mean in a mosaic.
package enum Normalization: String, Sendable, CaseIterable {
  /// Each map's own smallest and largest value.
  case channel
  /// The layer's smallest and largest value.
  case layer
}

/// Chooses which feature maps of a layer are shown, in which order, and what their darkest and brightest value is. Keeps its memory
/// from frame to frame.
package struct ChannelSelector {
  /// The chosen channels, in order.
  package private(set) var selected: [Int] = []
  private let channels: ChannelSelection
  private let order: ChannelOrder
  private let normalization: Normalization
  private var whole: (low: Float, high: Float) = (0, 0)

  package init(_ channels: ChannelSelection, by order: ChannelOrder, _ normalization: Normalization) {
    (self.channels, self.order, self.normalization) = (channels, order, normalization)
  }

  /// How many maps the user wants to see, at most: by default 64, or 1024 that are single numbers.
  package func count(of layer: LayerValues) -> Int {
    switch channels {
    case .automatic(let limit): min(layer.channels, max(1, limit ?? (layer.isVector ? 1024 : 64)))
    case .list(let list): list.count { (0..<layer.channels).contains($0) }
    }
  }

  /// Chooses the first `count` maps of the order.
  package mutating func select(_ layer: LayerValues, _ count: Int) {
    selected.removeAll(keepingCapacity: true)
    switch channels {
    case .automatic: for channel in 0..<layer.channels { selected.append(channel) }
    case .list(let list): for channel in list where (0..<layer.channels).contains(channel) { selected.append(channel) }
    }
    let states = layer.statistics
    // Equal ones by number, so that the picture stands still.
    switch order {
    case .index: break
    case .strength: selected.sort { (states[$0].strength, $1) > (states[$1].strength, $0) }
    case .change: selected.sort { (states[$0].change, $1) > (states[$1].change, $0) }
    }
    if selected.count > count { selected.removeLast(selected.count - count) }
    whole = layer.range
  }

  /// The values that are drawn darkest and brightest. A single number has no contrast of its own, so fully connected layers are always
  /// measured as a whole.
  package func range(_ layer: LayerValues, _ channel: Int) -> (low: Float, high: Float) {
    if normalization == .layer || layer.isVector { return whole }
    return (layer.statistics[channel].low, layer.statistics[channel].high)
  }
}
