import CKernels
import Testing

@Suite struct PeakTests {
  /// With x = y = 1/2 each chain goes to 1 from wherever it began, so the result tells how many chains there are.
  @Test(arguments: vectorISAs + [FOVEA_SCALAR]) func theLoopDoesWhatItCounts(isa: fovea_isa) {
    var (few, many): (Float, Float) = (0, 0)
    let operations = fovea_fma_loop(isa, 10, 0.5, &few)
    #expect(fovea_fma_loop(isa, 1000, 0.5, &many) == 100 * operations)
    #expect(many == many.rounded() && many >= 4)
    // Sixteen lanes per chain, or one; ten rounds; two operations.
    #expect([2.0 * 10, 2.0 * 10 * 16].contains(operations / Double(many)))
    #expect(few != many)
  }
}
