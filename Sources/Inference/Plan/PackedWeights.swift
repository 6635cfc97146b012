import CKernels
import Tensors

/// Weights in the order that kernels read them, kept from plan to plan.
final class PackedWeights {
  /// Which weights, for which kernel and sizes.
  struct Key: Hashable {
    let source: ObjectIdentifier
    let kind: String
    let sizes: [Int]
  }

  private var entries: [Key: (packed: TensorStorage, source: TensorStorage)] = [:]
  /// How often something was packed, for tests.
  private(set) var packCount = 0

  /// The packed form of `source`, made by `pack` unless it is there already.
  /// - Parameter floats: the number of elements that `pack` writes.
  func packed(
    _ source: Tensor, kind: String, sizes: [Int], floats: Int,
    pack: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> TensorStorage {
    let key = Key(source: ObjectIdentifier(source.storage), kind: kind, sizes: sizes)
    if let known = entries[key] { return known.packed }
    let target = Tensor(.float32, [floats])
    guard let from = UnsafePointer(source.view.floats.baseAddress), let to = target.view.floats.baseAddress else {
      return target.storage
    }
    withExtendedLifetime(source) { pack(from, to) }
    packCount += 1
    entries[key] = (target.storage, source.storage)
    return target.storage
  }
}
