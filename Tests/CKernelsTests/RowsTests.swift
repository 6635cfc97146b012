import CKernels
import Foundation
import Testing

@Suite struct RowsTests {
  private let widths = [1, 2, 15, 16, 17, 31, 33, 64, 100, 1000]

  @Test func softmaxAgreesWithTheReference() {
    var dice = Dice(61)
    for columns in widths {
      let x = Floats(5 * columns, &dice, in: -20...20)
      for log in [0, 1] as [Int32] {
        expectAgreement("\(columns) columns, log \(log)", outputs: x.count, tolerance: 1e-6) { isa, output, parts in
          inParts(parts) { fovea_softmax(isa, 5, Int64(columns), log, x.pointer, output.pointer, $0, parts) }
        }
      }
    }
  }

  /// A known row, far from zero so that an unshifted exponential would overflow.
  @Test(arguments: [FOVEA_SCALAR.rawValue] + vectorISAs.map(\.rawValue))
  func softmaxOfLargeValues(isa: UInt32) {
    let (x, y) = (Floats([1000, 1000 + Float(log(3.0)), 1000]), Floats(3))
    fovea_softmax(fovea_isa(isa), 1, 3, 0, x.pointer, y.pointer, 0, 1)
    #expect(zip(y.values, [0.2, 0.6, 0.2] as [Float]).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func layerNormAgreesWithTheReference() {
    var dice = Dice(62)
    for columns in widths {
      let (x, gamma, beta) = (Floats(5 * columns, &dice, in: 2...6), Floats(columns, &dice), Floats(columns, &dice))
      for affine in [false, true] {
        expectAgreement("\(columns) columns", outputs: x.count, tolerance: 1e-5) { isa, output, parts in
          inParts(parts) {
            fovea_layer_norm(
              isa, 5, Int64(columns), 1e-5, x.pointer, affine ? gamma.pointer : nil, affine ? beta.pointer : nil,
              output.pointer, $0, parts)
          }
        }
      }
    }
  }

  @Test(arguments: 0...6 as ClosedRange<UInt32>)
  func reductionsAgreeWithTheReference(kind: UInt32) {
    var dice = Dice(63)
    for columns in widths {
      let x = Floats(7 * columns, &dice)
      expectAgreement("\(columns) columns", outputs: 7, tolerance: 2e-5) { isa, output, parts in
        inParts(parts) {
          fovea_reduce_rows(isa, fovea_reduce_kind(kind), 7, Int64(columns), x.pointer, output.pointer, $0, parts)
        }
      }
    }
  }

  @Test func reducesAKnownRow() {
    let (x, y) = (Floats([3, -4, 1]), Floats(1))
    func reduce(_ kind: fovea_reduce_kind) -> Float {
      fovea_reduce_rows(FOVEA_SCALAR, kind, 1, 3, x.pointer, y.pointer, 0, 1)
      return y[0]
    }
    #expect(reduce(FOVEA_REDUCE_SUM) == 0 && reduce(FOVEA_REDUCE_MEAN) == 0 && reduce(FOVEA_REDUCE_MAX) == 3)
    #expect(reduce(FOVEA_REDUCE_MIN) == -4 && reduce(FOVEA_REDUCE_SQUARES) == 26)
    #expect(reduce(FOVEA_REDUCE_ABS) == 8 && reduce(FOVEA_REDUCE_PRODUCT) == -12)
  }
}
