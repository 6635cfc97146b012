import Tensors

extension Tensor {
  /// The first element of a quantised type; nil for other types.
  var wholeNumber: Int? {
    switch type {
    case .uint8: Int(view.elements(as: UInt8.self)[0])
    case .int8: Int(view.elements(as: Int8.self)[0])
    case .uint16: Int(view.elements(as: UInt16.self)[0])
    case .int16: Int(view.elements(as: Int16.self)[0])
    case .int32: Int(view.elements(as: Int32.self)[0])
    default: nil
    }
  }
}

extension ElementType {
  /// What a quantised type holds; nil for other types.
  var wholeNumbers: ClosedRange<Int>? {
    switch self {
    case .uint8: 0...255
    case .int8: -128...127
    case .uint16: 0...65535
    case .int16: -32768...32767
    default: nil
    }
  }
}
