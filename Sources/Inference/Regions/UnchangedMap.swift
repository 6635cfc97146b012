import CKernels
import Tensors

/// A map's values as they were for the unchanged picture: what surrounds a window that has changed.
final class UnchangedMap: @unchecked Sendable {
  // Safety: belongs to one `RegionSession`, which belongs to one thread at a time.

  /// The value in the whole network's graph.
  let value: ValueID
  let extent: Planar
  /// Row-major; there once the whole network is planned.
  var plain: TensorView?
  /// [1, C/16, H, W, 16]; only where a step reads it.
  private var blocked: TensorStorage?

  init(_ value: ValueID, _ extent: Planar) { (self.value, self.extent) = (value, extent) }

  /// The memory of the blocked values, kept up from now on.
  func keepBlocked() -> TensorStorage {
    let storage = blocked ?? TensorStorage(byteCount: 4 * extent.blockedCount)
    blocked = storage
    return storage
  }

  /// Takes over what the row-major values have become.
  func update(_ isa: ISA) {
    guard let from = plain?.floats.baseAddress,
      let to = blocked?.bytes.baseAddress?.assumingMemoryBound(to: Float.self)
    else { return }
    var params = fovea_layout_params(
      batch: 1, channels: Int32(extent.channels), pixels: Int64(extent.pixels), plain_batch_stride: 0,
      blocked_batch_stride: 0)
    fovea_to_blocked(isa.kernels, &params, from, to, 0, 1)
  }
}

/// The unchanged maps that a network's windows need, each once.
final class UnchangedMaps {
  private(set) var all: [ValueID: UnchangedMap] = [:]

  func map(_ value: ValueID, _ extent: Planar) -> UnchangedMap {
    let map = all[value] ?? UnchangedMap(value, extent)
    all[value] = map
    return map
  }
}
