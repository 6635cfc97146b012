import Explanations
import Frames
import Inference
import Tensors

/// Follows one layer from frame to frame: its channels' statistics, and the patches that excited them most.
final class LayerFollower {
  private let name: String
  private let layout: LayerLayout
  /// The values as channels of rows, where the layer has another layout.
  private let gathered: FloatBuffer?
  private let cutter: PatchCutter
  /// Nil until patches are asked for.
  private var patches: PatchBook?
  private var pool = ReusePool<LayerValues>()
  private var before: LayerValues?

  /// - Parameters:
  ///   - field: what a position sees of the input; nil where that is no window.
  ///   - transform: how the network's input was made.
  init(_ name: String, _ layout: LayerLayout, field: ReceptiveField?, transform: InputTransform) {
    (self.name, self.layout) = (name, layout)
    gathered = layout.isPlanar ? nil : FloatBuffer(layout.count)
    cutter = PatchCutter(transform, field: layout.extent.isSpatial ? field : nil)
  }

  private var extent: SpatialExtent { layout.extent }

  /// Bytes of its patches once every channel has all of them.
  var patchBytes: Int {
    patches == nil ? 0 : extent.channels * PatchBook.capacity * PatchBook.side * PatchBook.side * 3
  }

  /// Copies and measures the layer's values of a frame.
  /// - Parameters:
  ///   - values: in the layer's layout.
  ///   - input: the network's input for that frame, from which patches are cut; nil collects none.
  func take(_ values: UnsafePointer<Float>, of frame: Frame, patchesFrom input: UnsafePointer<Float>?) -> LayerValues {
    let kept = pool.take { LayerValues(name: name, layout) }
    let values = planar(values)
    let cells = extent.height * extent.width
    for channel in 0..<extent.channels {
      if let before { kept.statistics[channel] = before.statistics[channel] }
      kept.statistics[channel].measure(
        values + channel * cells, after: before?.map(channel), into: kept.values.start + channel * cells, cells)
    }
    if let input { collect(from: input, frame, kept.statistics) }
    kept.patches = patches
    before = kept
    return kept
  }

  private func planar(_ values: UnsafePointer<Float>) -> UnsafePointer<Float> {
    guard let gathered, let start = gathered.values.baseAddress else { return values }
    layout.gather(values, into: start)
    return UnsafePointer(start)
  }

  private func collect(from input: UnsafePointer<Float>, _ frame: Frame, _ statistics: [ChannelStatistics]) {
    let book = patches ?? PatchBook(units: extent.channels)
    patches = book
    let counted = Double(frame.sequence) / 25
    let (time, moment) = (frame.seconds ?? counted, frame.moment ?? counted)
    for (unit, state) in statistics.enumerated() where book.wants(state.high, of: unit, at: moment) {
      let (y, x) = (state.place / extent.width, state.place % extent.width)
      book.add(
        Patch(
          activation: state.high, frame: frame.sequence, time: time, moment: moment, y: y, x: x,
          pixels: cutter.pixels(y: y, x: x, from: input)), to: unit)
    }
  }
}

/// The followers of the layers that are wanted, and of those that were: their patches stay as far as there is room for them. The
/// patches of all layers of a network with many channels would fill a gigabyte.
struct LayerFollowers {
  private var all: [String: LayerFollower] = [:]
  /// Names, the one that was followed last at the end.
  private var order: [String] = []
  private let room: Int

  /// - Parameter room: bytes for the patches of layers that are not followed any more.
  init(room: Int = 128 << 20) { self.room = room }

  /// The follower of this layer, if there is one.
  subscript(name: String) -> LayerFollower? { all[name] }

  /// From now on these layers are followed: makes the followers that are missing, and forgets those that have not been followed for
  /// longest where room is short. `make` gives nil for what cannot be followed.
  mutating func follow(_ names: [String], make: (String) -> LayerFollower?) {
    for name in names where all[name] == nil { all[name] = make(name) }
    order.removeAll { names.contains($0) }
    var left = room
    // The latest first.
    let kept = order.reversed().filter { name in
      left -= all[name]?.patchBytes ?? 0
      return left >= 0
    }
    for name in order where !kept.contains(name) { all[name] = nil }
    order = kept.reversed() + names.filter { all[$0] != nil }
  }
}
