import Explanations
import Frames
import Inference
import Tensors

/// Follows one layer from frame to frame: its channels' statistics, and the patches that excited them most.
final class LayerFollower {
  private let name: String
  private let extent: SpatialExtent
  private let cutter: PatchCutter
  /// Nil until patches are asked for.
  private var patches: PatchBook?
  private var pool = ReusePool<LayerValues>()
  private var before: LayerValues?

  /// - Parameters:
  ///   - field: what a position sees of the input; nil where that is no window.
  ///   - transform: how the network's input was made.
  init(_ name: String, _ extent: SpatialExtent, field: ReceptiveField?, transform: InputTransform) {
    (self.name, self.extent) = (name, extent)
    cutter = PatchCutter(transform, field: extent.isSpatial ? field : nil)
  }

  /// Bytes of its patches once every channel has all of them.
  var patchBytes: Int {
    patches == nil ? 0 : extent.channels * PatchBook.capacity * PatchBook.side * PatchBook.side * 3
  }

  /// Copies and measures the layer's values of a frame.
  /// - Parameters:
  ///   - values: [C, H, W].
  ///   - input: the network's input for that frame, from which patches are cut; nil collects none.
  func take(_ values: UnsafePointer<Float>, of frame: Frame, patchesFrom input: UnsafePointer<Float>?) -> LayerValues {
    let kept = pool.take { LayerValues(name: name, extent) }
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

  private func collect(from input: UnsafePointer<Float>, _ frame: Frame, _ statistics: [ChannelStatistics]) {
    let book = patches ?? PatchBook(units: extent.channels)
    patches = book
    let time = frame.seconds ?? Double(frame.sequence) / 25
    for (unit, state) in statistics.enumerated() where book.wants(state.high, of: unit, at: time) {
      let (y, x) = (state.place / extent.width, state.place % extent.width)
      book.add(
        Patch(
          activation: state.high, frame: frame.sequence, time: time, y: y, x: x,
          pixels: cutter.pixels(y: y, x: x, from: input)), to: unit)
    }
  }
}
