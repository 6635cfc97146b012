import Foundation
import Tensors

/// Makes tensors of the file's constants: raw elements are borrowed from the mapping, others copied.
/// float16, bfloat16 and float64 become float32.
final class TensorDecoder {
  private let external: ExternalData

  /// A decoder for a model beside which external data may lie; nil: external data is refused.
  init(model: String?) { external = ExternalData(model: model) }

  /// The constant's elements. Throws `ImportFailure`.
  func tensor(_ proto: TensorProto) throws -> Tensor {
    let type = try DataType(code: proto.dataType)
    let shape = try Self.shape(proto.dimensions)
    if proto.isSegment { throw ImportFailure("is stored in segments, which no exporter writes") }
    if proto.isExternal {
      let (source, range) = try external.bytes(of: proto.externalData)
      return try raw(source, range, type, shape)
    }
    if let range = proto.rawData { return try raw(proto.source, range, type, shape) }
    return try typed(proto, type, shape)
  }

  /// Checks that no extent is negative and that the elements can be counted.
  static func shape(_ dimensions: [Int64]) throws -> Shape {
    var count = 1
    for extent in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(max(extent, 1)))
      guard extent >= 0, !overflow, product <= Int.max >> 4 else {
        throw ImportFailure("has the impossible shape \(dimensions.map(String.init).joined(separator: "x"))")
      }
      count = product
    }
    return Shape(dimensions.map { Int($0) })
  }

  private func raw(_ source: ByteSource, _ range: Range<Int>, _ type: DataType, _ shape: Shape) throws -> Tensor {
    let needed = shape.count * type.stored.size
    guard range.count == needed else {
      throw ImportFailure("holds \(range.count) bytes where \(type.stored) \(shape) needs \(needed)")
    }
    let bytes = UnsafeRawBufferPointer(rebasing: source.bytes[range])
    let tensor: Tensor
    if Int(bitPattern: bytes.baseAddress) % type.stored.size == 0 {
      tensor = Tensor(type.stored, shape, TensorStorage(borrowing: bytes, from: source))
    } else {
      tensor = Tensor(type.stored, shape)
      source.copy(range, to: tensor.storage.bytes)
    }
    return tensor.convertedToFloat32()
  }

  private func typed(_ proto: TensorProto, _ type: DataType, _ shape: Shape) throws -> Tensor {
    let held: Int
    switch type {
    case .float: held = proto.floatData.count
    case .double: held = proto.doubleData.count
    default: held = proto.integerData.count
    }
    guard held == shape.count else {
      throw ImportFailure("holds \(held) elements where the shape \(shape) needs \(shape.count)")
    }
    let tensor = Tensor(type.stored, shape)
    switch type {
    case .float: proto.floatData.withUnsafeBytes { tensor.storage.bytes.copyMemory(from: $0) }
    case .double: proto.doubleData.withUnsafeBytes { tensor.storage.bytes.copyMemory(from: $0) }
    default: tensor.fill(fromIntegers: proto.integerData)
    }
    return tensor.convertedToFloat32()
  }
}

extension Tensor {
  /// Stores the low bytes of each number: how int32_data and int64_data hold the smaller types, float16 included.
  fileprivate func fill(fromIntegers numbers: [Int64]) {
    switch type.size {
    case 1: for (index, number) in numbers.enumerated() { storage.bytes[index] = UInt8(truncatingIfNeeded: number) }
    case 2: store(numbers, as: UInt16.self)
    case 4: store(numbers, as: UInt32.self)
    default: store(numbers, as: UInt64.self)
    }
  }

  private func store<T: FixedWidthInteger>(_ numbers: [Int64], as _: T.Type) {
    let elements = storage.bytes.assumingMemoryBound(to: T.self)
    for (index, number) in numbers.enumerated() { elements[index] = T(truncatingIfNeeded: number) }
  }

  /// The same numbers as float32 where they are float16, bfloat16 or float64; otherwise the tensor itself.
  func convertedToFloat32() -> Tensor {
    switch type {
    case .float16: mapped(as: UInt16.self) { Float(Float16(bitPattern: $0)) }
    case .bfloat16: mapped(as: UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float64: mapped(as: Double.self) { Float($0) }
    default: self
    }
  }

  private func mapped<T>(as _: T.Type, _ convert: (T) -> Float) -> Tensor {
    let result = Tensor(.float32, shape)
    let (from, to) = (view.elements(as: T.self), result.view.floats)
    for index in from.indices { to[index] = convert(from[index]) }
    return result
  }
}
