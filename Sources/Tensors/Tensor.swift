/// An immutable-by-convention, contiguous, row-major array of elements.
package struct Tensor: Sendable {
  package let shape: Shape
  package let type: ElementType
  /// The memory; the first element is at its start.
  package let storage: TensorStorage

  package init(_ type: ElementType, _ shape: Shape) {
    self.init(type, shape, TensorStorage(byteCount: type.size * shape.count))
  }

  /// A tensor over existing memory, which must hold at least all its elements.
  package init(_ type: ElementType, _ shape: Shape, _ storage: TensorStorage) {
    precondition(storage.bytes.count >= type.size * shape.count)
    (self.type, self.shape, self.storage) = (type, shape, storage)
  }

  /// A float32 tensor of these elements, in row-major order.
  package init(_ elements: [Float], _ shape: Shape) {
    self.init(.float32, shape)
    precondition(elements.count == shape.count)
    elements.withUnsafeBytes { storage.bytes.copyMemory(from: $0) }
  }

  /// An int64 tensor of these elements, in row-major order.
  package init(_ elements: [Int], _ shape: Shape) {
    self.init(.int64, shape)
    precondition(elements.count == shape.count)
    elements.withUnsafeBytes { storage.bytes.copyMemory(from: $0) }
  }

  package var view: TensorView {
    TensorView(type, shape, UnsafeMutableRawPointer(storage.bytes.baseAddress!))
  }

  package var byteCount: Int { type.size * shape.count }
}

/// A contiguous, row-major array of elements in memory of another owner: what operators read and write.
package struct TensorView: @unchecked Sendable {
  // Safety: a view is handed to one thread at a time by the plan that owns the memory.

  package let type: ElementType
  package let shape: Shape
  package let pointer: UnsafeMutableRawPointer

  /// A view of `shape.count` elements of `type` at `pointer`.
  package init(_ type: ElementType, _ shape: Shape, _ pointer: UnsafeMutableRawPointer) {
    (self.type, self.shape, self.pointer) = (type, shape, pointer)
  }

  /// The elements as `T`, whose size must be that of the element type.
  package func elements<T>(as _: T.Type = T.self) -> UnsafeMutableBufferPointer<T> {
    precondition(MemoryLayout<T>.size == type.size, "\(type) read as \(T.self)")
    return UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: T.self), count: shape.count)
  }

  /// The elements of a float32 view.
  package var floats: UnsafeMutableBufferPointer<Float> { elements() }
}

/// The type of a tensor's elements, with the widths that ONNX and NumPy give them.
package enum ElementType: UInt8, Sendable, CaseIterable {
  case float32, float64, float16, bfloat16
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case bool

  package var size: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  package var isFloatingPoint: Bool {
    switch self {
    case .float32, .float64, .float16, .bfloat16: true
    default: false
    }
  }
}
