import Tensors

extension TensorType {
  /// The bytes of a value of this type, or nil when the number does not fit.
  var checkedByteCount: Int? {
    var total = element.size
    for extent in shape.dimensions {
      let (product, overflow) = total.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      total = product
    }
    return total
  }
}
