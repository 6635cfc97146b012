import Tensors

/// out[i] = rule(a[i], b[i]) over float32 or float64 of one shape, computed in double.
@inline(__always)
func zipElements(_ a: TensorView, _ b: TensorView, _ out: TensorView, _ rule: (Double, Double) -> Double) {
  if out.type == .float64 {
    let (x, y, z) = (a.elements(as: Double.self), b.elements(as: Double.self), out.elements(as: Double.self))
    for i in 0..<z.count { z[i] = rule(x[i], y[i]) }
  } else {
    let (x, y, z) = (a.floats, b.floats, out.floats)
    for i in 0..<z.count { z[i] = Float(rule(Double(x[i]), Double(y[i]))) }
  }
}

extension TensorView {
  /// The first element of a float32 or float64 view.
  var firstReal: Double { type == .float64 ? elements(as: Double.self)[0] : Double(floats[0]) }
}

/// The elements of a float32 or float64 view, read and written as double: what references compute with, so that derivatives can be
/// checked by differences in double precision.
struct RealElements {
  private let floats: UnsafeMutablePointer<Float>?
  private let doubles: UnsafeMutablePointer<Double>?
  let count: Int

  init(_ view: TensorView) {
    count = view.shape.count
    floats = view.type == .float64 ? nil : view.floats.baseAddress
    doubles = view.type == .float64 ? view.elements(as: Double.self).baseAddress : nil
  }

  var indices: Range<Int> { 0..<count }

  @inline(__always)
  subscript(index: Int) -> Double {
    get {
      if let floats { return Double(floats[index]) }
      return doubles?[index] ?? 0
    }
    nonmutating set {
      if let floats { floats[index] = Float(newValue) } else { doubles?[index] = newValue }
    }
  }

  /// Writes one number everywhere.
  func fill(_ value: Double) {
    for index in indices { self[index] = value }
  }
}

extension TensorView {
  /// The elements of a float32 or float64 view.
  var reals: RealElements { RealElements(self) }
}
