import Frames
import Inference
import Tensors

/// Follows one layer from frame to frame: its channels' statistics, and the patches that excited them most.
final class LayerWatch {
  private let layer: NetworkReport.Layer
  private let cutter: PatchCutter
  private let patches: PatchBook
  private var meter: ChannelMeter
  private let tensors: TensorPool

  /// - Parameters:
  ///   - field: what a position sees; nil where that is no window.
  ///   - transform: how the network's input was made.
  ///   - tensors: memory for the values that are kept.
  init(_ layer: NetworkReport.Layer, field: ReceptiveField?, transform: InputTransform, tensors: TensorPool) {
    (self.layer, self.tensors) = (layer, tensors)
    cutter = PatchCutter(transform, field: layer.height * layer.width > 1 ? field : nil)
    patches = PatchBook(units: layer.channels)
    meter = ChannelMeter(channels: layer.channels, cells: layer.height * layer.width)
  }

  /// Bytes of its patches once every unit has all of them.
  var patchBytes: Int { layer.channels * PatchBook.capacity * PatchBook.side * PatchBook.side * 3 }

  /// What a snapshot keeps of the layer.
  func take(_ view: TensorView, of frame: Frame, input: UnsafePointer<Float>) -> WatchedLayer {
    let values = tensors.tensor([layer.channels, layer.height, layer.width])
    if let from = view.floats.baseAddress {
      meter.measure(UnsafePointer(from), keeping: values)
      harvest(frame, input)
    }
    return WatchedLayer(
      value: layer.value, channels: layer.channels, height: layer.height, width: layer.width, values: values,
      statistics: meter.statistics, patches: patches)
  }

  private func harvest(_ frame: Frame, _ input: UnsafePointer<Float>) {
    let time = frame.seconds ?? Double(frame.sequence) / 25
    for (unit, state) in meter.statistics.enumerated() where patches.wants(state.high, of: unit, at: time) {
      let (y, x) = (state.place / layer.width, state.place % layer.width)
      patches.add(
        Patch(
          activation: state.high, frame: frame.sequence, time: time, y: y, x: x,
          pixels: cutter.pixels(y: y, x: x, from: input)), to: unit)
    }
  }
}
